"""What the hosted pages say. The sandbox stands alone, so its few words do too."""

from collections.abc import Mapping
from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision
from flask import request

from billing.sandbox import cards

ENGLISH = {
    "sandbox": "Sandbox: no real money moves",
    "pay_title": "Pay {shop}",
    "back": "Back to {shop}",
    "amount": "Amount",
    "pay_with": "Choose a test card",
    "debit": "Bank debit ···· {last4}",
    "other": "Another card number",
    "other_hint": "Any well-formed number is paid. It is not kept.",
    "pay": "Pay {amount}",
    "receipt_to": "Receipt to {email}",
    "closed_title": "This payment is closed",
    "closed_paid": "It has been paid already. Nothing was charged again.",
    "closed_expired": "The time to pay is over. Nothing was charged.",
    "on": "Continue to {shop}",
    "bank_title": "Your bank asks: is it you?",
    "bank_text": "Confirm {amount} to {shop} with the card ending in {last4}.",
    "approve": "Yes, approve",
    "refuse": "No, refuse",
    "declined": "Your card was declined. Nothing was charged. Try another card.",
    "insufficient": "Your card has too little money. Nothing was charged. Try another card.",
    "bank_refused": "Your bank did not confirm it was you. Nothing was charged. Try again.",
    "wrong_number": "That card number is not complete or has a typing mistake.",
    "connect_title": "Connect {name}",
    "connect_text": "Stripe would ask for these facts. Here they are filled in for you.",
    "name": "Legal name",
    "country": "Country",
    "person": "Representative",
    "email": "E-mail",
    "bank": "Bank account",
    "finish": "Finish and go back",
    "leave": "Leave unfinished",
    "front_title": "Stripe sandbox",
    "front_text": "Accounts, payments and webhooks of this machine. No real money moves.",
    "no_accounts": "Accounts appear here when a shop connects.",
    "account": "Account",
    "ready": "Can charge",
    "not_ready": "Onboarding is not finished",
    "captured": "Captured",
    "refunded": "Refunded",
    "fees": "Fees kept",
    "waiting": "Webhooks waiting: {count}",
    "flush": "Settle and send everything now",
}
CHINESE = {
    "sandbox": "沙盒：不会动用真实资金",
    "pay_title": "向 {shop} 付款",
    "back": "返回 {shop}",
    "amount": "金额",
    "pay_with": "选择一张测试卡",
    "debit": "银行代扣 ···· {last4}",
    "other": "其他卡号",
    "other_hint": "格式正确的卡号都会付款成功，卡号不会保存。",
    "pay": "支付 {amount}",
    "receipt_to": "收据发送至 {email}",
    "closed_title": "此付款已关闭",
    "closed_paid": "此前已付款，没有再次扣款。",
    "closed_expired": "付款时间已过，没有扣款。",
    "on": "继续前往 {shop}",
    "bank_title": "银行确认：是您本人吗？",
    "bank_text": "请确认用尾号 {last4} 的卡向 {shop} 支付 {amount}。",
    "approve": "是，同意付款",
    "refuse": "不是，拒绝付款",
    "declined": "您的卡被拒绝，没有扣款。请换一张卡再试。",
    "insufficient": "卡内余额不足，没有扣款。请换一张卡再试。",
    "bank_refused": "银行未能确认是您本人，没有扣款。请再试一次。",
    "wrong_number": "卡号不完整或有输入错误。",
    "connect_title": "为 {name} 开通收款",
    "connect_text": "Stripe 会询问以下信息，这里已为您填好。",
    "name": "法定名称",
    "country": "国家或地区",
    "person": "代表人",
    "email": "电子邮箱",
    "bank": "银行账户",
    "finish": "完成并返回",
    "leave": "暂不完成",
    "front_title": "Stripe 沙盒",
    "front_text": "本机上的账户、付款和 Webhook，不会动用真实资金。",
    "no_accounts": "店铺开通收款后，账户会显示在这里。",
    "account": "账户",
    "ready": "可以收款",
    "not_ready": "尚未完成开通",
    "captured": "已收款",
    "refunded": "已退款",
    "fees": "实收手续费",
    "waiting": "待发送的 Webhook：{count}",
    "flush": "立即结算并全部发送",
}
CARDS_ENGLISH = {
    cards.SUCCESS: "Pays at once",
    cards.DECLINED: "Is declined",
    cards.INSUFFICIENT: "Has too little money",
    cards.AUTHENTICATION: "The bank asks first",
    cards.DISPUTED: "Pays, then the bank claims it back",
    cards.DELAYED: "The money arrives a little later",
    cards.DELAYED_FAILURE: "Fails a little later",
}
CARDS_CHINESE = {
    cards.SUCCESS: "立即付款成功",
    cards.DECLINED: "被拒绝",
    cards.INSUFFICIENT: "余额不足",
    cards.AUTHENTICATION: "银行先要求验证",
    cards.DISPUTED: "付款成功，随后银行要求退回",
    cards.DELAYED: "稍后到账",
    cards.DELAYED_FAILURE: "稍后失败",
}


def language(locale: str | None) -> str:
    """ "zh" or "en": what the session asks for, else what the browser prefers."""
    if locale and locale != "auto":
        return "zh" if locale.startswith("zh") else "en"
    return request.accept_languages.best_match(["en", "zh"]) or "en"


def words(lang: str) -> Mapping[str, str]:
    return CHINESE if lang == "zh" else ENGLISH


def card_words(lang: str) -> Mapping[str, str]:
    return CARDS_CHINESE if lang == "zh" else CARDS_ENGLISH


def money(minor: int, currency: str, lang: str) -> str:
    """An amount as the reader writes it."""
    amount = Decimal(minor).scaleb(-get_currency_precision(currency.upper()))
    locale = "zh_Hans_CN" if lang == "zh" else "en"
    return format_currency(amount, currency.upper(), locale=locale)
